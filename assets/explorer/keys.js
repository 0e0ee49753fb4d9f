// Keys in the table: one cell is reached by Tab, arrows lead from it to all others.

import { useEffect } from "react";
import { openRow } from "./address.js";

const PAGE = 10;
const STEPS = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  PageUp: [-PAGE, 0], PageDown: [PAGE, 0], Home: [0, -Infinity], End: [0, Infinity],
};

/** What takes the focus in a cell: the link in a column's head, else the cell itself. */
const target = (cell) => (cell.tagName === "TH" ? cell.querySelector("a") : cell);

const within = (value, length) => Math.max(0, Math.min(length - 1, value));

export function useKeys(region, rows) {
  useEffect(() => reachable(region.current.querySelector("table")), [region, rows]);
  useEffect(() => {
    const table = region.current.querySelector("table");
    const pressed = (event) => move(table, event);
    const focused = (event) => reachable(table, event.target.closest("td, th"));
    table.addEventListener("keydown", pressed);
    table.addEventListener("focusin", focused);
    table.addEventListener("mousedown", clicked);
    return () => {
      table.removeEventListener("keydown", pressed);
      table.removeEventListener("focusin", focused);
      table.removeEventListener("mousedown", clicked);
    };
  }, [region]);
}

/** Has Tab reach one cell: the given one, else the one that it reached, else the first. */
function reachable(table, cell) {
  const old = [...table.querySelectorAll('[tabindex="0"]')];
  const kept = old.find((one) => one.tagName === "TD" || one === document.activeElement);
  const first = () => table.querySelector("[data-row] > td") ?? table.querySelector("th a");
  const next = cell ? target(cell) : (kept ?? first());
  for (const one of old) if (one !== next) one.tabIndex = -1;
  if (next) next.tabIndex = 0;
}

function clicked(event) {
  const cell = event.target.closest("[data-row] > td");
  if (!cell) return;
  cell.tabIndex = -1;
  cell.focus({ preventScroll: true });
}

function move(table, event) {
  const cell = event.target.closest("td, th");
  if (!cell || event.altKey || event.shiftKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === " ") return enter(event, cell);
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const { rowIndex } = cell.parentElement;
  // Control with Home or End: of the whole table.
  const down = event.ctrlKey && step[0] === 0 ? step[1] : step[0];
  const row = within(rowIndex + down, table.rows.length);
  const cells = table.rows[row].cells;
  const next = target(cells[within(cell.cellIndex + step[1], cells.length)]);
  next.tabIndex = -1;
  next.focus();
}

function enter(event, cell) {
  const { row } = cell.parentElement.dataset;
  if (row) openRow(row);
  else if (event.key === " ") target(cell).click();
  else return;
  event.preventDefault();
}
