// For pages that embed Praxis: gives each `iframe[data-praxis]` the height of what it shows, and tells it the theme.
(() => {
  "use strict";
  const frames = () => [...document.querySelectorAll("iframe[data-praxis]")];
  const origin = (frame) => new URL(frame.src, location.href).origin;
  const tell = (frame) => {
    const theme = frame.dataset.theme;
    if (theme) frame.contentWindow.postMessage({ praxis: "theme", theme }, origin(frame));
  };
  addEventListener("message", (event) => {
    const frame = frames().find((one) => one.contentWindow === event.source && origin(one) === event.origin);
    if (!frame || !event.data || event.data.praxis !== "height") return;
    const height = Number(event.data.height);
    if (!(height > 0 && height < 20000)) return;
    frame.height = String(Math.ceil(height));
    if (event.data.fresh === true) tell(frame);
  });
  // This script may come after its frames, which told their heights to nobody then.
  for (const frame of frames()) frame.contentWindow.postMessage({ praxis: "ask" }, "*");
  new MutationObserver((changes) => {
    for (const { target } of changes) if (target.matches("iframe[data-praxis]")) tell(target);
  }).observe(document.documentElement, { subtree: true, attributeFilter: ["data-theme"] });
})();
