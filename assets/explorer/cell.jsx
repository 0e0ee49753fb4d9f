// One cell, by the kind of its column. The server has written its text.

import { pinnedAt } from "./pinned.js";

const NUMERIC = new Set(["money", "number"]);

export const isNumeric = (column) => NUMERIC.has(column.kind);

export function Cell({ column, text, tones }) {
  return (
    <td className={isNumeric(column) ? "num" : undefined} {...pinnedAt(column)}>
      {content(column, text, tones)}
    </td>
  );
}

function content(column, text, tones) {
  if (!text) return text;
  if (column.kind === "source") return <Source name={text} />;
  if (column.kind === "status") return <Status words={text} tone={tones[text] ?? "gray"} />;
  if (column.kind === "id" || column.kind === "text") {
    return (
      <span className={column.kind} title={text}>
        {text}
      </span>
    );
  }
  return text;
}

function Status({ words, tone }) {
  return (
    <span className="badge" data-tone={tone}>
      {words}
    </span>
  );
}

function Source({ name }) {
  return (
    <span className="source">
      <span className={`provider-mark tiny ${name.toLowerCase()}`} aria-hidden="true">
        {name[0]}
      </span>
      <span>{name}</span>
    </span>
  );
}
