import { useMemo } from "react";

type Props = { parcels: Parcel[]; title?: string };

/** A shelf with its parcels. */
export const ShelfView: React.FC<Props> = ({ parcels, title = "shelf" }) => {
  const heavy = useMemo(() => parcels.filter(isHeavy), [parcels]);
  return <Panel title={title}>{heavy.map((parcel) => <Row key={parcel.id} {...parcel} />)}</Panel>;
};

export function Empty() { return <p className="empty">{translate("empty")}</p>; }
