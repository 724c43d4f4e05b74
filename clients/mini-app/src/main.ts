import "./polyfills";

import { mount } from "svelte";

import "./styles/base.css";
import "./styles/components.css";
import "./styles/pages.css";
import { apiUrlOf, createApp } from "./app";
import App from "./App.svelte";
import { followViewport } from "./telegram/bridge";
import { applyTheme } from "./telegram/theme";

const app = createApp(window, apiUrlOf(document, import.meta.env["VITE_API_URL"]));
const root = document.documentElement;

if (app.telegram !== undefined) {
  root.dataset["telegram"] = app.telegram.launch.platform;
  applyTheme(root, app.telegram.launch.theme);
  app.telegram.on("theme_changed", ({ theme_params }) => applyTheme(root, theme_params));
  followViewport(app.telegram, root);
}

const target = document.getElementById("app");
if (target !== null) {
  mount(App, { target, props: { app } });
}
app.telegram?.ready();
