// What forms do beyond what the browser does; they work without it too.

const WORDS = ["", "Weak", "Fair", "Good", "Strong"];

/** "Müller & Söhne GmbH" → "muller-sohne-gmbh" */
function slugOf(name) {
  return name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
}

/** What is guessed first: it counts for nothing. */
const COMMON = /pass ?word|qwert[yz]?|asdf|letmein|welcome|admin|secret|123+4?5?6?7?8?9?0?|abc(?:de?f?)?/gi;

/** 0 to 4. A guide only: the server decides, and knows the common ones better. */
function strengthOf(typed) {
  if (typed.length === 0) return 0;
  const password = typed.replace(COMMON, "");
  const different = new Set(password).size;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(password));
  if (typed.length < 12 || different < 6) return 1;
  const bits = different * 2 + password.length + kinds.length * 4;
  return bits < 38 ? 2 : bits < 50 ? 3 : 4;
}

function suggestSlug(source) {
  const slug = document.querySelector(`[data-slug-from="${source.id}"]`);
  if (slug && !slug.dataset.chosen) slug.value = slugOf(source.value);
}

function showStrength(password) {
  const meter = document.querySelector(`[data-strength-of="${password.id}"]`);
  if (!meter) return;
  meter.value = strengthOf(password.value);
  meter.parentElement.querySelector("[data-strength-word]").textContent = WORDS[meter.value];
}

document.addEventListener("input", ({ target }) => {
  if (!target.id) return;
  if ("slugFrom" in target.dataset) target.dataset.chosen = target.value && "yes";
  suggestSlug(target);
  showStrength(target);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("postsOnce" in form.dataset)) return;
  if (form.dataset.posted) event.preventDefault();
  form.dataset.posted = "yes";
  form.querySelector("[type=submit]").setAttribute("aria-busy", "true");
});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  source.select(); // where the clipboard is not ours, Ctrl+C is all that is left to do
  try {
    await navigator.clipboard.writeText(source.value);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  } catch {}
});

// Back from the answer, out of the browser's cache: the form may be posted again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-posted]")) delete form.dataset.posted;
});
