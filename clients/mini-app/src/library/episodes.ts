import type { Episode } from "@warung/client";

/** Up to so many episodes are listed with their names; more are a grid of numbers. */
const LISTED_MAX = 12;
/** The grid shows so many numbers at once. */
const GROUP_SIZE = 100;

/** Episodes with names are listed, many or nameless ones are a grid of numbers. */
export function isListed(episodes: readonly Episode[]): boolean {
  return episodes.length <= LISTED_MAX && episodes.some(({ name }) => name !== "");
}

/** The episodes in groups that are shown one at a time. */
export function groupsOf(episodes: readonly Episode[]): readonly (readonly Episode[])[] {
  const groups: Episode[][] = [];
  for (let start = 0; start < episodes.length; start += GROUP_SIZE) {
    groups.push(episodes.slice(start, start + GROUP_SIZE));
  }
  return groups;
}

/** The episode that is chosen before the user chooses: the one they wanted before, else the first that has a video. */
export function firstChoice(episodes: readonly Episode[], wanted?: number): Episode | undefined {
  return (
    episodes.find(({ available, number }) => available && number === wanted) ??
    episodes.find(({ available }) => available) ??
    episodes[0]
  );
}
