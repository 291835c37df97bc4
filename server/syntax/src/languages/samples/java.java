/*
 * Copyright 2024 Depot.
 */
package org.depot.store;

import static org.depot.Limits.MAX;
import java.util.List;
import java.util.function.*;

/**
 * Keeps parcels.
 *
 * @param <T> what is in them
 */
@Component("shelf")
public abstract class Shelf<T extends Comparable<T>> extends Base implements Store<T>, AutoCloseable {
  /** How many there may be. */
  public static final int MAX_PARCELS = 64;
  private static final Logger LOG = LoggerFactory.getLogger(Shelf.class);
  private final Map<String, T> items = new HashMap<>();
  protected volatile boolean closed;

  static {
    LOG.info("loaded");
  }

  /** Makes an empty one. */
  @Inject
  public Shelf(Clock clock) {
    super(clock);
  }

  // Not for documentation, but for people.
  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public <R> List<R> map(Function<? super T, ? extends R> change) throws IOException {
    Supplier<R> later = () -> change.apply(null);
    return items.values().stream().map(change::apply).collect(Collectors.toList());
  }

  protected abstract void drop(T item);

  Runnable cleaner() {
    return new Runnable() {
      @Override
      public void run() {
        for (T item : items.values()) {
          drop(item);
        }
      }
    };
  }

  /** A place on the shelf. */
  private static final class Slot {
    int at() { return 0; }
  }
}

/** Where a parcel is. */
public enum State implements Labelled {
  /** Not here yet. */
  WAITING("w"),
  HERE("h") {
    @Override
    public boolean isFinal() { return true; }
  };

  private final String label;

  State(String label) { this.label = label; }

  public boolean isFinal() { return false; }
}

/** A parcel that does not change. */
public record Parcel(String id, int weight) implements Serializable {
  public Parcel {
    if (weight < 0) throw new IllegalArgumentException("negative");
  }

  static Parcel of(String id) { return new Parcel(id, 0); }
}

public sealed interface Shape permits Circle, Square {
  int SIDES = 4;
  double area();
  default String name() { return getClass().getSimpleName(); }
}

@Retention(RetentionPolicy.RUNTIME)
public @interface Limit {
  int value() default 1;
}

class ShelfTest {
  @BeforeEach
  void setUp() { shelf = new Shelf<>(Clock.fixed()); }

  @Test
  void keepsWhatIsPut() {
    assertThat(shelf.size()).isEqualTo(1);
  }

  @org.junit.jupiter.params.ParameterizedTest(name = "{0}")
  @ValueSource(ints = {1, 2})
  void takesMany(int count) {}

  public void testOldStyle() {}
}
