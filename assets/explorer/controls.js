// Buttons elsewhere on a table's page that need no server: data-closes closes the open row,
// data-step="1" opens the one below it, data-fills puts a span of days into the filters.

import { closeRow, openRow } from "./address.js";

const CONTROLS = "[data-closes], [data-step], [data-fills]";

/** Follows clicks until the returned function is called; `rows` are those on screen. */
export function followControls(rows) {
  const clicked = (event) => {
    const control = event.target.closest?.(CONTROLS);
    if (!control) return;
    if ("closes" in control.dataset) closeRow();
    else if ("step" in control.dataset) openNext(rows, Number(control.dataset.step));
    else fill(control);
  };
  document.addEventListener("click", clicked);
  return () => document.removeEventListener("click", clicked);
}

function openNext(rows, by) {
  const open = new URLSearchParams(location.search).get("row");
  const at = rows.findIndex((row) => row[0] === open);
  const next = rows[at + by];
  if (at >= 0 && next) openRow(next[0]);
}

function fill({ form, dataset }) {
  form.elements.from.value = dataset.from;
  form.elements.to.value = dataset.to;
}
