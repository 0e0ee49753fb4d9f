// How the columns of a table are arranged, as text for its address.
// ecomops/ui/pages/tables/layout.py reads and writes the same; a test holds them together.
//
// The columns in their order, joined by dots: "source_id-p.amount-140.-currency". A minus before a
// name hides the column, a number behind it is its width in pixels, "-p" pins it to the left.
// Columns that are not named follow as they come, the table's first one pinned.

const PART = /^(-?)([a-z][a-z0-9_]*?)(?:-(\d{2,3}))?(-p)?$/;
export const NARROWEST = 64;
export const WIDEST = 640;

const plain = (name, names) => ({ name, hidden: false, width: 0, pinned: name === names[0] });

/** Text → [{name, hidden, width, pinned}], pinned ones first; what makes no sense is left out. */
export function parsed(text, names) {
  const found = new Map();
  for (const part of text.split(".")) {
    const [, minus, name, digits, pin] = PART.exec(part) ?? [];
    if (!names.includes(name) || found.has(name)) continue;
    const width = Number(digits ?? 0);
    const fits = width >= NARROWEST && width <= WIDEST;
    found.set(name, { name, hidden: minus === "-", width: fits ? width : 0, pinned: Boolean(pin) });
  }
  const rest = names.filter((name) => !found.has(name)).map((name) => plain(name, names));
  const all = [...found.values(), ...rest];
  if (all.every((column) => column.hidden)) return names.map((name) => plain(name, names));
  return pinnedFirst(all);
}

/** The shortest text that `parsed` turns into this layout. */
export function written(layout, names) {
  let named = layout.length;
  while (named > 0 && isAsItComes(layout, named - 1, names)) named--;
  return layout.slice(0, named).map(part).join(".");
}

/** Whether the columns from `start` on are what follows when only those before are named. */
function isAsItComes(layout, start, names) {
  const taken = new Set(layout.slice(0, start).map((column) => column.name));
  const free = names.filter((name) => !taken.has(name));
  const rest = layout.slice(start);
  return rest.every((column, at) => part(column) === part(plain(free[at], names)));
}

function part({ name, hidden, width, pinned }) {
  return `${hidden ? "-" : ""}${name}${width ? `-${width}` : ""}${pinned ? "-p" : ""}`;
}

function pinnedFirst(layout) {
  return layout.toSorted((one, other) => other.pinned - one.pinned);
}

/** The layout with one column changed. */
export function changed(layout, name, change) {
  return pinnedFirst(
    layout.map((column) => (column.name === name ? { ...column, ...change } : column)),
  );
}

/** The layout with a column before or behind another one, pinned if that one is. */
export function moved(layout, name, target, behind) {
  const column = layout.find((one) => one.name === name);
  const rest = layout.filter((one) => one.name !== name);
  const at = rest.findIndex((one) => one.name === target);
  if (!column || at < 0) return layout;
  return rest.toSpliced(behind ? at + 1 : at, 0, { ...column, pinned: rest[at].pinned });
}

/** The layout with a column one place on among those that are shown; `by` is 1 or -1. */
export function shifted(layout, name, by) {
  const shown = layout.filter((column) => !column.hidden);
  const neighbour = shown[shown.findIndex((column) => column.name === name) + by];
  return neighbour ? moved(layout, name, neighbour.name, by > 0) : layout;
}
