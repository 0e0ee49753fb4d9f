// Uploads a file that was chosen or dropped, and goes on to the page that shows what is in it.

const MOST_BYTES = 20 * 1024 * 1024;
const LOST = "The upload did not get through. Check your connection and try again.";

/** The form in which this happened, if it is one that uploads. */
function uploadFormOf(target) {
  return target instanceof Element ? target.closest("form[data-upload]") : null;
}

function tell(form, name, text) {
  form.querySelector(`[data-upload-${name}]`).textContent = text;
}

function refuse(form, text) {
  delete form.dataset.uploading;
  form.querySelector("[type=file]").value = "";
  tell(form, "told", "");
  tell(form, "error", text);
}

function messageOf(request) {
  try {
    return JSON.parse(request.responseText).error.message;
  } catch {
    return LOST;
  }
}

function upload(form, file) {
  if (form.dataset.uploading || form.querySelector("[type=file]").disabled) return;
  tell(form, "error", "");
  if (file.size > MOST_BYTES) {
    refuse(form, "The file is larger than 20 MB. Split it by period.");
    return;
  }
  form.dataset.uploading = "yes";
  const body = new FormData();
  body.append("kind", form.querySelector("[name=kind]").value);
  body.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    tell(form, "told", `Uploading ${file.name}: ${Math.floor((100 * loaded) / total)} %`);
  });
  request.addEventListener("error", () => refuse(form, LOST));
  request.addEventListener("load", () => {
    if (request.status !== 200) {
      refuse(form, messageOf(request));
      return;
    }
    const { id } = JSON.parse(request.responseText);
    location.assign(`${form.dataset.upload}?id=${encodeURIComponent(id)}`);
  });
  request.open("POST", form.getAttribute("action"));
  request.send(body);
}

document.addEventListener("change", ({ target }) => {
  const form = uploadFormOf(target);
  if (form && target.type === "file" && target.files.length) upload(form, target.files[0]);
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = uploadFormOf(event.target);
    if (!form) return;
    event.preventDefault();
    form.toggleAttribute("data-dragged", kind === "dragover");
    if (kind !== "drop") return;
    const { files } = event.dataTransfer;
    if (files.length === 1) upload(form, files[0]);
    else refuse(form, "Drop one file at a time.");
  });
}

// Back from the preview, out of the browser's cache: another file may be chosen.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-uploading]")) refuse(form, "");
});
