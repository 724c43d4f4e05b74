/*
 * What the libraries call and Chromium 80 does not have. Whatever else is newer is compiled away, or not used.
 */

// Svelte makes its templates with it: from Chromium 85 on.
if (!("replaceAll" in String.prototype)) {
  Object.defineProperty(String.prototype, "replaceAll", {
    configurable: true,
    writable: true,
    value(this: string, search: string, replacement: string): string {
      return this.split(search).join(replacement);
    },
  });
}

export {};
