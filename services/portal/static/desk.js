// Taking in a file at the desk: what is too large is said before it is sent, and what is going on while it is.
(() => {
  "use strict";
  const form = document.querySelector("form.import");
  if (!form) return;
  const file = form.querySelector("[type=file]"), status = form.querySelector("[role=status]");
  file.addEventListener("change", () => {
    const large = file.files.length > 0 && file.files[0].size > Number(file.dataset.most);
    file.setCustomValidity(large ? file.dataset.large : "");
    if (large) file.reportValidity();
  });
  form.addEventListener("htmx:beforeRequest", () => { status.textContent = status.dataset.working; });
  form.addEventListener("htmx:afterRequest", (event) => {
    status.textContent = event.detail.successful ? "" : status.dataset.failed;
  });
})();
