// A file of its own, so that a site's Content-Security-Policy may forbid inline scripts.
const page = document.getElementById("openapi");

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.document,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // otherwise the document is sent to a third party's server
});
