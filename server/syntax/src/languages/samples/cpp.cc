// Copyright (c) Depot. All rights reserved.
#pragma once

#include <string>
#include <vector>

#define DEPOT_API __attribute__((visibility("default")))
#define DEPOT_CHECK(x) do { if (!(x)) fail(#x); } while (0)

using std::string;

// Everything of the depot.
namespace depot {
inline namespace v2 {

namespace {
constexpr int kMaxParcels = 64;
}  // namespace

class Parcel;

/// A parcel's weight, in grams.
using Weight = unsigned long;

template <typename T>
using Ptr = std::unique_ptr<T>;

/// Where a parcel is.
enum class State : int { waiting, here };

/// Keeps parcels of one kind.
template <typename T, int N = 4>
class Shelf final : public Base<T>, private Lock {
 public:
  /// Makes an empty shelf.
  explicit Shelf(std::string name) : name_(std::move(name)) {}
  Shelf(const Shelf&) = delete;
  virtual ~Shelf();

  /// Puts a parcel on the shelf.
  template <class... Args>
  bool put(Args&&... args) noexcept;

  Shelf& operator=(const Shelf& other);
  bool operator<(const Shelf& other) const { return size() < other.size(); }
  explicit operator bool() const { return !items_.empty(); }

  virtual void drop(const Parcel& parcel) = 0;
  [[nodiscard]] auto size() const -> std::size_t { return items_.size(); }
  static constexpr int kSlots = N;

  struct Slot {
    int at;
  };

 private:
  std::vector<T*> items_;
  std::string name_;
};

struct Point { double x, y; };

union Number { long i; double d; };

template <typename T>
concept Weighs = requires(T t) { t.weight(); };

/** The larger of two. */
template <typename T>
[[nodiscard]] constexpr const T& larger(const T& a, const T& b) {
  return a < b ? b : a;
}

template <>
struct Hash<Parcel> {
  std::size_t operator()(const Parcel& p) const { return p.id(); }
};

// Out of line.
template <typename T, int N>
template <class... Args>
bool Shelf<T, N>::put(Args&&... args) noexcept {
  items_.push_back(new T(std::forward<Args>(args)...));
  auto heaviest = std::max_element(items_.begin(), items_.end(), [](const T* a, const T* b) {
    return a->weight() < b->weight();
  });
  return Registry::instance().template notify<T>(*heaviest);
}

template <typename T, int N>
Shelf<T, N>::~Shelf() = default;

std::ostream& operator<<(std::ostream& out, const Parcel& parcel);

}  // namespace v2

namespace detail::names {
string join(const std::vector<string>& parts) { return parts.empty() ? "" : parts[0]; }
}

extern "C" {
int depot_version(void);
}

}  // namespace depot

static depot::Registry* const registry = nullptr;

depot::State depot::Parcel::state() const { return static_cast<State>(state_); }

DEPOT_API void run(int argc, char** argv) {
  depot::Shelf<depot::Parcel> shelf{"a"};
  DEPOT_CHECK(shelf.size() == 0);
}

TEST(ShelfTest, KeepsWhatIsPut) {
  Shelf<Parcel> shelf("a");
  EXPECT_EQ(shelf.size(), 0);
}

TEST_CASE("a shelf is empty at first", "[shelf]") {
  SECTION("made") {
    REQUIRE(make_shelf().size() == 0);
  }
}
