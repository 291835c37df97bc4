#!/usr/bin/env node
import React, { useState as state } from "react";
import * as all from "./all";
const fs = require("fs");

/**
 * Puts a parcel on the shelf.
 * @param parcel what
 */
export async function put(parcel, { at = 0 } = {}) {
  const slot = await find(at);
  return slot.push(new Parcel(parcel));
}

export const MAX_PARCELS = 64;
export const heavy = (parcel) => parcel.weight > 20;

export default class Shelf extends Base {
  // How many there are.
  #count = 0;
  get size() { return this.#count; }
  drop = (parcel) => { this.items.delete(parcel); };
}

Shelf.prototype.clear = function () { all.clear(this); };
module.exports = { put };

const View = ({ shelf }) => <Panel title={format(shelf)}><p>{shelf.size}</p></Panel>;

describe("shelf", () => {
  it("keeps what is put", async () => {
    expect(await put({})).toBe(1);
  });
});
