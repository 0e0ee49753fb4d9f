// A page of a table's rows. Which rows, in what order, is the server's; how they are shown is the
// address's. See docs/explorer.md.

import { memo, useEffect, useMemo, useRef, useState } from "react";
import {
  isCurrent,
  openRow,
  orderOf,
  show,
  useChanges,
  useQuietHistory,
  useSearch,
} from "./address.js";
import { Cell, isNumeric } from "./cell.jsx";
import { followControls } from "./controls.js";
import { Head } from "./head.jsx";
import { useKeys } from "./keys.js";
import { parsed, written } from "./layout.js";
import { pinnedAt } from "./pinned.js";

const BONES = Array.from({ length: 14 });

/** The columns on screen, with where each stands; widths are CSS lengths. */
function useColumns(columns, text) {
  return useMemo(() => {
    const names = columns.map((column) => column.name);
    const layout = parsed(text, names);
    let left = "0px";
    const visible = layout.filter((placed) => !placed.hidden);
    const onScreen = visible.map((placed) => {
      const at = names.indexOf(placed.name);
      const width = placed.width ? `${placed.width}px` : `var(--w-${columns[at].kind})`;
      const column = { ...columns[at], at, width, left: placed.pinned ? left : null };
      if (placed.pinned) left = `${left} + ${width}`;
      return column;
    });
    return { names, layout, onScreen, pinned: left };
  }, [columns, text]);
}

const Row = memo(function Row({ row, onScreen, tones, open }) {
  return (
    <tr data-row={row[0]} aria-selected={open}>
      {onScreen.map((column) => (
        <Cell key={column.name} column={column} text={row[column.at + 1]} tones={tones} />
      ))}
    </tr>
  );
});

function Bones({ onScreen }) {
  return BONES.map((_, at) => (
    <tr key={at}>
      {onScreen.map((column) => (
        <td key={column.name} className={isNumeric(column) ? "num" : ""} {...pinnedAt(column)}>
          <span className="bone" />
        </td>
      ))}
    </tr>
  ));
}

export function Grid({ label, columns, tones, rows, loaded, asked, onRow, onLayout, children }) {
  const asking = useSearch();
  const search = asking ?? "";
  const query = new URLSearchParams(search);
  const arranged = useColumns(columns, query.get("cols") ?? "");
  const { onScreen, pinned } = arranged;
  const [dragged, setDragged] = useState(null);
  const region = useRef(null);
  const open = query.get("row");
  const order = orderOf(search);
  useQuietHistory();
  useChanges(onRow, onLayout);
  useKeys(region, rows);
  useEffect(() => followControls(rows), [rows]);

  const arrange = (layout) => show({ cols: written(layout, arranged.names) });
  const widths = onScreen.map((column) =>
    column.name === dragged?.name ? `${dragged.width}px` : column.width,
  );
  const busy = !loaded || (asking !== null && !isCurrent(asked, search));
  return (
    <div
      ref={region}
      className="table-region"
      data-density={query.get("density") === "compact" ? "compact" : undefined}
      style={{ scrollPaddingLeft: `calc(${pinned})` }}
    >
      <table
        role="grid"
        aria-label={label}
        className="data-table"
        style={{ width: `max(100%, ${widths.join(" + ")})` }}
        onClick={openClicked}
      >
        <colgroup>
          {onScreen.map((column, at) => (
            <col key={column.name} style={{ width: widths[at] }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {onScreen.map((column) => (
              <Head
                key={column.name}
                column={column}
                order={order[column.name] ?? "none"}
                search={search}
                layout={arranged.layout}
                arrange={arrange}
                setDragged={setDragged}
              />
            ))}
          </tr>
        </thead>
        <tbody aria-busy={busy}>
          {loaded ? (
            rows.map((row, at) => (
              <Row key={at} row={row} onScreen={onScreen} tones={tones} open={row[0] === open} />
            ))
          ) : (
            <Bones onScreen={onScreen} />
          )}
        </tbody>
      </table>
      {children}
    </div>
  );
}

/** A click on a row opens it, unless text was being selected, to copy it. */
function openClicked(event) {
  const row = event.target.closest("[data-row]");
  if (row && getSelection().isCollapsed) openRow(row.dataset.row);
}
