import type { Product } from "@warung/client/gen/warung/catalog/v1/catalog_pb";

/** The core takes no more units of a product in one order. */
const QUANTITY_MAX = 100;

/** How many units can be ordered now. */
export function orderable({ stock }: Pick<Product, "stock">): number {
  return stock === undefined || stock > QUANTITY_MAX ? QUANTITY_MAX : Number(stock);
}

/** The quantity that is nearest to the one that was chosen; 1 where there is none left, so that the price is seen. */
export function quantityWithin(product: Pick<Product, "stock">, chosen: number): number {
  return Math.max(1, Math.min(chosen, orderable(product)));
}
