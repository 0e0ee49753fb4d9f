// The Columns menu: which columns are shown, in what order, which stay at the left; density.

import ChevronDown from "lucide-react/dist/esm/icons/chevron-down.mjs";
import ChevronUp from "lucide-react/dist/esm/icons/chevron-up.mjs";
import Columns3 from "lucide-react/dist/esm/icons/columns-3.mjs";
import Pin from "lucide-react/dist/esm/icons/pin.mjs";
import { show, useSearch } from "./address.js";
import { changed, parsed, shifted, written } from "./layout.js";

const MENU = "columns-menu";
const KEYS = "On a column’s head: Alt + ← → moves it, Shift + ← → its edge.";

const reset = () => show({ cols: "", density: "" });

export function ColumnsMenu({ columns }) {
  const query = new URLSearchParams(useSearch() ?? "");
  const names = columns.map((column) => column.name);
  const labels = new Map(columns.map((column) => [column.name, column.label]));
  const layout = parsed(query.get("cols") ?? "", names);
  const arrange = (next) => show({ cols: written(next, names) });
  const shown = layout.filter((column) => !column.hidden);
  const opener = { popoverTarget: MENU, "aria-haspopup": "dialog" };
  return (
    <div className="menu-of-columns">
      <button type="button" className="button on-phone-icon" {...opener}>
        <Columns3 size={16} aria-hidden="true" />
        <span>Columns</span>
      </button>
      <div id={MENU} popover="auto" role="dialog" aria-label="Columns" className="menu wide">
        <Density compact={query.get("density") === "compact"} />
        <ul className="columns-list" aria-label="Columns">
          {layout.map((placed) => (
            <Choice
              key={placed.name}
              placed={placed}
              label={labels.get(placed.name)}
              isOnly={shown.length === 1 && !placed.hidden}
              isFirst={shown[0] === placed}
              isLast={shown.at(-1) === placed}
              change={(change) => arrange(changed(layout, placed.name, change))}
              shift={(by) => arrange(shifted(layout, placed.name, by))}
            />
          ))}
        </ul>
        <div className="menu-foot">
          <button type="button" className="button small" onClick={reset}>
            Reset
          </button>
          <span className="hint">{KEYS}</span>
        </div>
      </div>
    </div>
  );
}

function Density({ compact }) {
  const choice = (label, value, chosen) => (
    <label className="pill">
      <input
        type="radio"
        name="density"
        checked={chosen}
        onChange={() => show({ density: value })}
      />
      {label}
    </label>
  );
  return (
    <fieldset>
      <legend>Density</legend>
      <div className="pills">
        {choice("Comfortable", "", !compact)}
        {choice("Compact", "compact", compact)}
      </div>
    </fieldset>
  );
}

function Choice({ placed, label, isOnly, isFirst, isLast, change, shift }) {
  const step = (word, icon, by, disabled) => (
    <button
      type="button"
      className="button quiet icon-only tiny"
      title={word}
      aria-label={`${word}: ${label}`}
      disabled={disabled || placed.hidden}
      onClick={() => shift(by)}
    >
      {icon}
    </button>
  );
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={!placed.hidden}
          disabled={isOnly}
          onChange={(event) => change({ hidden: !event.target.checked })}
        />
        {label}
      </label>
      {step("Move to the left", <ChevronUp size={14} aria-hidden="true" />, -1, isFirst)}
      {step("Move to the right", <ChevronDown size={14} aria-hidden="true" />, 1, isLast)}
      <button
        type="button"
        className="button quiet icon-only tiny"
        title={placed.pinned ? "Unpin" : "Pin"}
        aria-label={`Pin: ${label}`}
        aria-pressed={placed.pinned}
        onClick={() => change({ pinned: !placed.pinned })}
      >
        <Pin size={14} aria-hidden="true" />
      </button>
    </li>
  );
}
