// A file of its own, so that a site's Content-Security-Policy may forbid inline scripts.
const page = document.getElementById("openapi");

// The one of Swagger UI, which knows no `prefers-color-scheme`.
const dark = matchMedia("(prefers-color-scheme: dark)");
const setTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", setTheme);
setTheme();

// Swagger UI has the `main` of the page, and gives these lists no name.
function nameLists() {
  for (const list of page.querySelectorAll("select:not([aria-label])")) {
    list.setAttribute("aria-label", list.id === "servers" ? "Server" : "Value");
  }
}
new MutationObserver(nameLists).observe(page, { childList: true, subtree: true });

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.document,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // otherwise the document is sent to a third party's server
});
