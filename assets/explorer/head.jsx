// The head of a column: a click sorts, dragging moves it, dragging its edge makes it wider.

import { useRef, useState } from "react";
import { Link } from "react-router";
import ArrowUp from "lucide-react/dist/esm/icons/arrow-up.mjs";
import { sortAddress } from "./address.js";
import { isNumeric } from "./cell.jsx";
import { NARROWEST, WIDEST, changed, moved, shifted } from "./layout.js";
import { pinnedAt } from "./pinned.js";

const BY_KEY = 16;
const COLUMN = "application/x-column";

const fitting = (width) => Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));

export function Head({ column, order, search, layout, arrange, setDragged }) {
  const head = useRef(null);
  const [side, setSide] = useState(null);
  const widen = (width) => arrange(changed(layout, column.name, { width: fitting(width) }));

  const dropped = (event) => {
    setSide(null);
    const name = event.dataTransfer.getData(COLUMN);
    if (name && name !== column.name) arrange(moved(layout, name, column.name, side === "behind"));
  };
  const over = (event) => {
    if (!event.dataTransfer.types.includes(COLUMN)) return;
    event.preventDefault();
    const { left, width } = head.current.getBoundingClientRect();
    setSide(event.clientX > left + width / 2 ? "behind" : "before");
  };
  const pressed = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !(event.altKey || event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey) arrange(shifted(layout, column.name, by));
    else widen(head.current.offsetWidth + by * BY_KEY);
  };

  return (
    <th
      ref={head}
      scope="col"
      aria-sort={order}
      className={isNumeric(column) ? "num" : undefined}
      {...pinnedAt(column)}
      data-drop={side}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(COLUMN, column.name)}
      onDragOver={over}
      onDragLeave={() => setSide(null)}
      onDrop={dropped}
      onKeyDown={pressed}
    >
      <Link
        to={sortAddress(search, column.name, order)}
        className="sort"
        draggable={false}
        tabIndex={-1}
      >
        {column.label}
        <ArrowUp size={13} aria-hidden="true" />
      </Link>
      <Edge
        head={head}
        column={column}
        setDragged={setDragged}
        onWidth={widen}
        onReset={() => arrange(changed(layout, column.name, { width: 0 }))}
      />
    </th>
  );
}

/** The right edge: dragged it makes the column wider, clicked twice as wide as it comes. */
function Edge({ head, column, setDragged, onWidth, onReset }) {
  const grabbed = (event) => {
    const edge = event.currentTarget;
    const start = head.current.offsetWidth - event.clientX;
    edge.setPointerCapture(event.pointerId);
    edge.onpointermove = (move) =>
      setDragged({ name: column.name, width: fitting(start + move.clientX) });
    edge.onpointerup = (up) => {
      edge.onpointermove = edge.onpointerup = null;
      setDragged(null);
      if (Math.abs(up.clientX - event.clientX) > 2) onWidth(start + up.clientX);
    };
  };
  return (
    <span
      className="edge"
      aria-hidden="true"
      onMouseDown={(event) => event.preventDefault()} // or the head itself would be dragged
      onPointerDown={grabbed}
      onDoubleClick={onReset}
    />
  );
}
