/* Copyright 2024 Depot. */
package org.depot
package store

import scala.collection.mutable
import org.depot.{Limits => L, Clock, _}

/**
 * Keeps parcels.
 *
 * @tparam A what is in them
 */
@SerialVersionUID(1L)
sealed abstract class Shelf[+A <: Parcel](val name: String)(implicit clock: Clock) extends Base(name) with Store[A] {
  private[this] val items = mutable.ListBuffer.empty[A]
  lazy val total: Int = items.map(_.weight).sum

  type Key = String

  /** Puts a parcel on the shelf. */
  @throws[IOException]
  final override def put[B >: A](item: B, more: B*): Either[Error, Shelf[B]] = {
    def helper(x: Int) = x + 1
    items match {
      case Nil => Left(Error.empty)
      case head :: _ => Right(Shelf.of(head, convert(item)))
    }
  }

  def drop(item: A): Unit

  def +(other: Shelf[A]): Shelf[A] = this

  def this() = this("none")
}

/** Makes shelves. */
object Shelf extends ShelfInstances {
  /** How many there may be. */
  final val MaxParcels = 64

  def apply[A](items: A*): Shelf[A] = new ListShelf[A](items.toList)

  implicit val encodeShelf: Encoder[Shelf[Parcel]] = new Encoder[Shelf[Parcel]] {
    final def apply(shelf: Shelf[Parcel]): Json = Json.obj("name" -> Json.fromString(shelf.name))
  }

  implicit class ShelfOps[A](private val self: Shelf[A]) extends AnyVal {
    def describe: String = s"shelf ${self.name}"
  }
}

trait Store[A] {
  def clear(): Unit
  def size: Int = 0
}

final case class Parcel(id: String, weight: Int = 0)

case object Missing extends Error

private[depot] trait ShelfInstances

package object syntax {
  type Result[A] = Either[Error, A]
  val Empty: Parcel = Parcel("")
}

enum State(val label: String):
  case Waiting extends State("w")
  case Here(at: Int) extends State("h")

  def isFinal: Boolean = this == Waiting

given ordering: Ordering[Parcel] with
  def compare(a: Parcel, b: Parcel): Int = a.weight - b.weight

given Show[Parcel] = Show.fromToString

extension (parcel: Parcel)
  /** Whether it is heavy. */
  def isHeavy: Boolean = parcel.weight > 20

opaque type Weight = Int

@main def run(name: String): Unit = println(Shelf(name))

class ShelfSpec extends AnyFunSuite {
  test("keeps what is put") {
    assert(Shelf(Parcel("a")).size == 1)
  }

  property("takes many") = forAll { (n: Int) => n == n }
}

class ShelfFlatSpec extends AnyFlatSpec {
  "A shelf" should "be empty at first" in {
    assert(Shelf().isEmpty)
  }
}
