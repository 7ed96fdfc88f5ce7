// In a file of its own, so that a site may forbid inline scripts.
const page = document.getElementById("openapi");

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.document,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // else the document would be shown to a server of somebody else
});
