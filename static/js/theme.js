// The theme button without a page load. Without this file, it is a form like any other.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const theme = event.submitter?.value;
  if (!form.matches("[data-theme-form]") || !theme) return;
  event.preventDefault();
  document.documentElement.dataset.theme = theme;
  fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
  // the pressed button is hidden now: its counterpart, which undoes this, takes the focus
  form.querySelector(`button[name="theme"]:not([value="${theme}"])`)?.focus();
});
