// The gateway's pay page, which opens in a tab of its own.

/** Does what leads to the page, and answers the page. */
export async function opensPayPage(person, open) {
  const [page] = await Promise.all([person.page.context().waitForEvent("page"), open()]);
  await page.getByTestId("payment").waitFor();
  return page;
}

/** Presses "Bayar sekarang", and goes back; answers when it was pressed, in milliseconds. */
export async function pays(person, page, name) {
  await person.pictureOf(page, `${name}-page`);
  const pressed = performance.now();
  await page.getByTestId("pay-button").click();
  await page.getByTestId("paid").waitFor();
  await person.pictureOf(page, `${name}-paid`);
  // Back is where the person came from, as it was. The page may be gone before its own click has been told of.
  const click = page.getByTestId("back").click().catch((error) => {
    if (!/has been closed/.test(error.message)) {
      throw error;
    }
  });
  await Promise.all([page.waitForEvent("close"), click]);
  return pressed;
}
