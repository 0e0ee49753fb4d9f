// What needs no server elsewhere on a table's page: data-closes closes the open row, data-step="1"
// opens the one below it, data-fills puts a span of days into the filters, and a link in a menu
// closes the menu.

import { closeRow, openRow } from "./address.js";

const CONTROLS = "[data-closes], [data-step], [data-fills], [popover] a";

/** Follows clicks until the returned function is called; `rows` are those on screen. */
export function followControls(rows) {
  const clicked = (event) => {
    const control = event.target.closest?.(CONTROLS);
    if (!control) return;
    if ("closes" in control.dataset) closeRow();
    else if ("step" in control.dataset) openNext(rows, Number(control.dataset.step));
    else if ("fills" in control.dataset) fill(control);
    else control.closest("[popover]").hidePopover();
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
