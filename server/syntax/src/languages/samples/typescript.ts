import type { Parcel } from "./parcel";

/** Keeps parcels. */
export interface Store<T extends Parcel> extends Iterable<T> {
  put(item: T): Promise<void>;
}

export type Key = string | number;
export enum State { Waiting, Here }
declare module "depot" { export function version(): string; }

@Injectable()
export abstract class Shelf<T extends Parcel> extends Base<T> implements Store<T> {
  static readonly max: number = 64;
  constructor(private readonly db: Database) { super(db); }

  /** Puts one on the shelf. */
  @Logged("put")
  async put(item: T): Promise<void> {
    await this.db.query<Row>(sql(item as Parcel));
  }

  abstract drop(item: T): void;
  private later = (event: Event): void => { this.drop(event.item); };
}

export namespace Limits {
  export const weight = 20;
  export function check(value: number): asserts value { }
}
