// What an address says of how rows are shown: columns, density, the open row. It changes without
// the router, which would have the page load itself and the rows read again.

import { useEffect, useSyncExternalStore } from "react";
import { useLocation } from "react-router";

const HOW = ["cols", "density", "row"];
const CHANGED = "explorer:changed";

/** The address without its how: the rows that it asks for. */
function which(address) {
  const url = new URL(address, location.origin);
  for (const name of HOW) url.searchParams.delete(name);
  return url.pathname + url.search;
}

/** The query of the page's address, kept current; null while it is rendered on the server. */
export function useSearch() {
  useLocation();
  return useSyncExternalStore(
    (follow) => {
      addEventListener(CHANGED, follow);
      return () => removeEventListener(CHANGED, follow);
    },
    () => location.search,
    () => null,
  );
}

/** Show the same rows in another way: {name: value}, empty for none. `push`: Back undoes it. */
export function show(changes, push = false) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  // The router counts its entries there.
  const before = history.state ?? {};
  const entry = { ...before, idx: (before.idx ?? 0) + 1, key: newKey(), opened: true };
  if (push) history.pushState(entry, "", url);
  else history.replaceState(before, "", url);
  tell(Object.keys(changes));
}

/** Open a row; Back closes it. An open one is replaced. */
export function openRow(id) {
  const isOpen = new URLSearchParams(location.search).has("row");
  show({ row: id }, !isOpen);
}

/** Close the open row: by going back where that leads to the same rows without it. */
export function closeRow() {
  if (history.state?.opened) history.back();
  else show({ row: "" });
}

const newKey = () => Math.random().toString(36).slice(2, 10);

function tell(names) {
  dispatchEvent(new CustomEvent(CHANGED, { detail: names }));
}

/** Calls `onRow` and `onLayout` when only the how of the address has changed. */
export function useChanges(onRow, onLayout) {
  useEffect(() => {
    const told = ({ detail }) => {
      if (detail.includes("row")) onRow();
      if (detail.some((name) => name !== "row")) onLayout();
    };
    addEventListener(CHANGED, told);
    return () => removeEventListener(CHANGED, told);
  }, [onRow, onLayout]);
}

let shown = { which: "" };

function remember() {
  const query = new URLSearchParams(location.search);
  const [cols, density] = [query.get("cols"), query.get("density")];
  shown = { which: which(location.href), layout: { cols, density } };
}

/** Keeps Back and Forward between ways of showing the same rows from the router. */
export function useQuietHistory() {
  useEffect(remember);
  useEffect(() => {
    const travelled = (event) => {
      if (which(location.href) !== shown.which) return;
      event.stopImmediatePropagation();
      show(shown.layout); // how the columns are arranged is not undone
      tell(["row"]);
    };
    // Captured: heard before the router hears it.
    addEventListener("popstate", travelled, { capture: true });
    return () => removeEventListener("popstate", travelled, { capture: true });
  }, []);
}

/** Whether the rows that the server showed for `asked` are those of the address as it is now. */
export function isCurrent(asked, search) {
  return which(asked) === which(location.pathname + search);
}

/** Where a click on a column's header leads: ascending, descending, then as it comes. */
export function sortAddress(search, name, order) {
  const query = new URLSearchParams(search);
  query.delete("cursor");
  if (order === "descending") {
    query.delete("sort");
    query.delete("dir");
  } else {
    query.set("sort", name);
    query.set("dir", order === "ascending" ? "desc" : "asc");
  }
  return `?${query}`;
}

/** {column: "ascending"} of the address. */
export function orderOf(search) {
  const query = new URLSearchParams(search);
  const direction = query.get("dir") === "desc" ? "descending" : "ascending";
  return query.get("sort") ? { [query.get("sort")]: direction } : {};
}
