import { colours } from "./launch";

/** Hands Telegram's colours to the style sheet as `--tg-theme-…`, and tells the page whether they are dark. */
export function applyTheme(root: HTMLElement, theme: Readonly<Record<string, unknown>>): void {
  const known = colours(theme);
  for (const [name, value] of Object.entries(known)) {
    root.style.setProperty(`--tg-theme-${name.replace(/_/g, "-")}`, value);
  }
  const background = known["bg_color"];
  if (background !== undefined) {
    root.dataset["theme"] = isDark(background) ? "dark" : "light";
  }
}

/** Text on this colour should be light. */
export function isDark(colour: string): boolean {
  const digits = colour.slice(1);
  const pairs = digits.length < 6 ? Array.from(digits, (digit) => digit + digit) : (digits.match(/../g) ?? []);
  const [red = 0, green = 0, blue = 0] = pairs.map((pair) => Number.parseInt(pair, 16));
  // The weights of the three colours in the lightness that people see (ITU-R BT.601).
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
