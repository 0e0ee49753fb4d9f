/** What keeps a column's cell in its place while the rest scrolls below it. */
export function pinnedAt(column) {
  return column.left === null ? {} : { "data-pinned": "", style: { left: `calc(${column.left})` } };
}
