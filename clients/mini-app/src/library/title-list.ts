import type { Title, Warung } from "@warung/client";

import { PagedList } from "../list/paged-list";

/** What a list with a search shows. */
export interface Filter {
  /** Words to look for; empty: all. */
  readonly query: string;
  /** Id of a category; empty: all. */
  readonly categoryId: string;
}

/** Everything. */
export const ALL: Filter = { query: "", categoryId: "" };

/** How many titles a page has: a few screens of a phone. */
const PAGE_SIZE = 24;

/** The library's titles. */
export type TitleList = PagedList<Title, Filter>;

/** A list of the library's titles. */
export function titleList(library: Pick<Warung["library"], "listTitles">): TitleList {
  return new PagedList(
    {
      pageSize: PAGE_SIZE,
      keyOf: ({ titleId }) => titleId,
      load: async (filter, page, signal) => {
        const { titles, nextPageToken } = await library.listTitles({ ...filter, ...page }, { signal });
        return { items: titles, nextPageToken };
      },
    },
    ALL,
  );
}
