/** Loads the next page well before its end is seen. */
export function loadAhead(element: HTMLElement, more: () => unknown): { destroy: () => void } {
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        more();
      }
    },
    { rootMargin: "800px 0px" },
  );
  observer.observe(element);
  return { destroy: () => observer.disconnect() };
}
