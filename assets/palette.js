// The command palette: opened by Ctrl or ⌘ K, narrowed as one types, moved through by arrows.
// What is chosen is a link or a button of the page, and does what it does when it is clicked.

const palette = () => document.getElementById("palette");
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

const fold = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .trim();

function shown() {
  return [...palette().querySelectorAll("[data-choice]:not([hidden])")];
}

function choose(choice) {
  for (const other of palette().querySelectorAll("[aria-selected=true]"))
    other.removeAttribute("aria-selected");
  const field = document.getElementById("palette-query");
  if (!choice) {
    field.removeAttribute("aria-activedescendant");
    return;
  }
  choice.id ||= `palette-choice-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  choice.setAttribute("aria-selected", "true");
  choice.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", choice.id);
}

/** Every word must be in what the choice is found by; a search needs something to look for. */
function matches(choice, said, sought) {
  const begins = choice.dataset.begins;
  if (begins === undefined)
    return said.split(/\s+/).every((word) => choice.dataset.choice.includes(word));
  if (!said) return false;
  return sought ? begins.split(" ").some((start) => start && said.startsWith(start)) : true;
}

function narrow() {
  const typed = document.getElementById("palette-query").value.trim();
  const said = fold(typed);
  const choices = [...palette().querySelectorAll("[data-choice]")];
  const starts = choices.flatMap((it) => (it.dataset.begins ?? "").split(" ")).filter(Boolean);
  const sought = starts.some((start) => said.startsWith(start));
  for (const choice of choices) {
    choice.hidden = !matches(choice, said, sought);
    const words = choice.querySelector("[data-said]");
    if (words) words.textContent = typed;
  }
  for (const group of palette().querySelectorAll("[role=group]"))
    group.hidden = !group.querySelector("[data-choice]:not([hidden])");
  choose(shown()[0]);
}

function open() {
  const dialog = palette();
  if (!dialog || dialog.open || document.querySelector("dialog[open]")) return;
  document.querySelector("[popover]:popover-open:not(.connection-lost)")?.hidePopover();
  dialog.showModal();
  const field = document.getElementById("palette-query");
  field.value = "";
  field.focus();
  narrow();
}

function move(steps) {
  const found = shown();
  if (!found.length) return;
  const now = found.findIndex((it) => it.ariaSelected === "true");
  choose(found[(now + steps + found.length) % found.length]);
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => shown().find((it) => it.ariaSelected === "true")?.click(),
};

document.addEventListener("keydown", (event) => {
  const asked = event.key?.toLowerCase() === "k" && (isMac ? event.metaKey : event.ctrlKey);
  if (asked && !event.altKey && !event.shiftKey && palette()) {
    event.preventDefault();
    palette().open ? palette().close() : open();
    return;
  }
  if (event.target.id !== "palette-query" || event.isComposing || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.addEventListener("input", ({ target }) => {
  if (target.id === "palette-query") narrow();
});

document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-opens-palette]")) open();
  else if (target === palette() || target.closest?.("#palette [data-choice]")) palette().close();
});

document.addEventListener("pointermove", ({ target }) => {
  const choice = target.closest?.("#palette [data-choice]");
  if (choice && choice.ariaSelected !== "true") choose(choice);
});

// A Mac has a key of its own for it.
if (isMac) {
  new MutationObserver(() => {
    for (const key of document.querySelectorAll("[data-shortcut]"))
      if (key.textContent !== "⌘ K") key.textContent = "⌘ K";
  }).observe(document.documentElement, { childList: true, subtree: true });
}
