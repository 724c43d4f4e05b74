import "../styles/shop.css";
import "../styles/sheet.css";
import "../styles/order.css";

import { type Product, ProductKind } from "@warung/client/gen/warung/catalog/v1/catalog_pb";
import { CatalogService } from "@warung/client/gen/warung/catalog/v1/catalog_service_pb";
import { OrderService } from "@warung/client/gen/warung/order/v1/order_service_pb";
import { PaymentService } from "@warung/client/gen/warung/payment/v1/payment_service_pb";
import { WalletService } from "@warung/client/gen/warung/wallet/v1/wallet_service_pb";
import { derived } from "svelte/store";

import { useApp, type App } from "../app";
import { ALL, type Filter } from "../library/title-list";
import { PagedList } from "../list/paged-list";
import { shopWordsOf } from "../words/shop";

/** What the pages of the shop share. It is loaded with the first of them. */
export type Shop = ReturnType<typeof createShop>;

const shops = new WeakMap<App, Shop>();

/** The shop. */
export function useShop(): Shop {
  const app = useApp();
  const shop = shops.get(app) ?? createShop(app);
  shops.set(app, shop);
  return shop;
}

/** How many products a page has: a few screens of a phone. */
const PAGE_SIZE = 24;

function createShop({ warung, language }: App) {
  const catalog = warung.service(CatalogService);
  return {
    catalog,
    orders: warung.service(OrderService),
    payments: warung.service(PaymentService),
    wallet: warung.service(WalletService),
    shopWords: derived(language, shopWordsOf),
    products: new PagedList<Product, Filter>(
      {
        pageSize: PAGE_SIZE,
        keyOf: ({ productId }) => productId,
        load: async ({ query, categoryId }, page, signal) => {
          const { products, nextPageToken } = await catalog.listProducts({ query, productCategoryId: categoryId, ...page }, { signal });
          return { items: products, nextPageToken };
        },
      },
      ALL,
    ),
    /** The VIP plans, cheapest first. */
    plans: async (signal: AbortSignal): Promise<readonly Product[]> => {
      const { products } = await catalog.listProducts({ kind: ProductKind.MEMBERSHIP, pageSize: 100 }, { signal });
      const price = ({ price }: Product): bigint => price?.minorUnits ?? 0n;
      return products.sort((one, other) => (price(one) < price(other) ? -1 : price(one) > price(other) ? 1 : 0));
    },
  };
}
