// One cell, by the kind of its column. The server has written its text.

import BookOpenText from "lucide-react/dist/esm/icons/book-open-text.mjs";
import CreditCard from "lucide-react/dist/esm/icons/credit-card.mjs";
import Landmark from "lucide-react/dist/esm/icons/landmark.mjs";
import ShoppingBag from "lucide-react/dist/esm/icons/shopping-bag.mjs";
import { pinnedAt } from "./pinned.js";

// The icons of ecomops/ui/components/providers.py.
const ICONS = { NetSuite: BookOpenText, Shopify: ShoppingBag, Stripe: CreditCard };

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
  const Icon = ICONS[name] ?? Landmark;
  return (
    <span className="source">
      <span className={`provider-mark tiny ${name.toLowerCase()}`} aria-hidden="true">
        <Icon size={11} />
      </span>
      <span>{name}</span>
    </span>
  );
}
