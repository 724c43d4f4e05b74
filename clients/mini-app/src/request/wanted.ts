import { writable, type Writable } from "svelte/store";

import type { Wanted } from "./film-request";

/** A film that was refused to somebody who is no VIP member. */
export interface WantedFilm extends Wanted {
  readonly name: string;
  /** The plan that they chose beside the refusal; empty: none yet. */
  readonly planId: string;
}

const STORED = "warung.wanted";

/** The film that waits until the user is a member: kept over a reload, as paying may lead out of the app. */
export function wantedFilm(storage: Storage | undefined): Writable<WantedFilm | undefined> {
  const wanted = writable(read(storage?.getItem(STORED)));
  wanted.subscribe((film) => {
    if (film === undefined) {
      storage?.removeItem(STORED);
    } else {
      storage?.setItem(STORED, JSON.stringify(film));
    }
  });
  return wanted;
}

function read(json: string | null | undefined): WantedFilm | undefined {
  // Only this page writes there, and always in this form.
  return json ? (JSON.parse(json) as WantedFilm) : undefined;
}
