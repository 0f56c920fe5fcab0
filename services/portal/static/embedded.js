// Inside a frame: tells the page around how high it is, and takes a theme from that page alone.
(() => {
  "use strict";
  if (parent === window) return;
  let told = 0;
  const tell = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === told) return;
    // A height is no secret, and who frames this page cannot be known for certain: any page may hear it.
    parent.postMessage({ praxis: "height", height, fresh: told === 0 }, "*");
    told = height;
  };
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || !data) return;
    if (data.praxis === "ask") {
      told = 0;
      tell();
    }
    if (data.praxis !== "theme") return;
    const root = document.documentElement;
    if (data.theme === "light" || data.theme === "dark") root.dataset.theme = data.theme;
    else if (data.theme === "auto") delete root.dataset.theme;
  });
  new ResizeObserver(tell).observe(document.body);
  addEventListener("load", tell);
})();
