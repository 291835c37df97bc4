/*
 * Copyright 2024 Depot.
 */
@file:JvmName("Depot")

package org.depot.store

import kotlin.time.Duration.Companion.seconds
import org.depot.Limits as L

/** How many parcels one shelf takes. */
public const val MAX_PARCELS: Int = 64

private val log = logger("shelf")

/** Whether it is heavy. */
val Parcel.isHeavy: Boolean
    get() = weight > 20

val cached by lazy { load() }

typealias Handler<T> = (T) -> Unit

/**
 * Keeps parcels.
 *
 * @property name what it is called
 */
@Serializable
public abstract class Shelf<T : Any>(
    public val name: String,
    private val clock: Clock = Clock.System,
) : Base(name), Store<T> by delegate, Closeable {

    private val items = mutableListOf<T>()

    /** How many there are. */
    public val count: Int get() = items.size

    var last: T? = null
        private set

    init {
        log.info("made")
    }

    constructor(clock: Clock) : this("", clock)

    /** Puts a parcel on the shelf. */
    @Throws(IOException::class)
    public suspend inline fun <reified R> put(item: T, crossinline done: (R) -> Unit = {}): Boolean {
        val job = scope.launch { notify(item) }
        fun helper() = 1
        items.filter { it is Parcel }.forEach(::println)
        return withTimeout(5.seconds) { job.join(); true }
    }

    protected abstract fun drop(item: T)

    override fun close(): Unit = items.clear()

    inner class Slot(val at: Int)

    companion object {
        const val NAME = "shelf"

        @JvmStatic
        fun of(vararg items: Parcel): Shelf<Parcel> = ListShelf(items.toList())
    }

    companion object Named : Factory
}

@JvmInline
value class Receipt<out T>
@PublishedApi internal constructor(private val held: Any?) {
    fun take(suspend: (Any?) -> Unit = {}) = defer(suspend { held })
}

sealed interface State {
    data object Waiting : State
    data class Here(val at: Int) : State
}

fun interface Visitor { fun visit(parcel: Parcel) }

enum class Size(val grams: Int) : Labelled {
    SMALL(10) {
        override fun label() = "s"
    },
    LARGE(100);

    open fun label() = "l"
}

annotation class Limit(val value: Int)

object Registry : Map<String, Shelf<*>> {
    fun register(shelf: Shelf<*>) = all.add(shelf)
}

/** Any shelf as text. */
fun <T : Any> Shelf<T>.describe(): String where T : Comparable<T> = buildString { append(name) }

fun String?.orName() = this ?: "none"

operator fun Weight.plus(other: Weight) = Weight(grams + other.grams)

fun main(args: Array<String>) {
    val visitor = object : Visitor {
        override fun visit(parcel: Parcel) {
            println(parcel)
        }
    }
}

class ShelfTest {
    @BeforeTest
    fun setUp() {}

    @Test
    fun `keeps what is put`() = runTest {
        assertEquals(1, Shelf.of(Parcel()).count)
    }
}
