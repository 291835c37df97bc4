// Copyright (c) Depot.
using System;
using System.Collections.Generic;
using static Depot.Limits;

[assembly: InternalsVisibleTo("Depot.Tests")]

namespace Depot.Stores
{
    /// <summary>
    /// Keeps parcels of one kind.
    /// </summary>
    [Serializable]
    public abstract partial class Shelf<T> : Base, IStore<T> where T : class, new()
    {
        /// <summary>How many there may be.</summary>
        public const int MaxParcels = 64;

        private static readonly Logger Log = LogManager.GetLogger("shelf");
        private readonly List<T> _items = new();

        /// <summary>Raised when a parcel goes.</summary>
        public event EventHandler<ParcelEventArgs>? Dropped;

        public delegate void Visitor(T item);

        /// <summary>Makes an empty one.</summary>
        protected Shelf(string name) : base(name) { }

        ~Shelf() => Dispose(false);

        /// <summary>How many there are.</summary>
        public int Count => _items.Count;

        [JsonProperty("name")]
        public string Name { get; private set; } = "";

        public T this[int index]
        {
            get { return _items[index]; }
        }

        /// <summary>Puts a parcel on the shelf.</summary>
        /// <param name="item">The parcel.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public virtual async Task<bool> PutAsync<TKey>(T item, CancellationToken token = default)
            where TKey : notnull
        {
            // Why not.
            ArgumentNullException.ThrowIfNull(item);
            var keys = _items.Select(x => x.GetHashCode()).OfType<TKey>().ToList();
            await Notify(new ParcelEventArgs(item), token);
            return typeof(TKey) == typeof(string);
        }

        public static bool operator ==(Shelf<T> a, Shelf<T> b) => Equals(a, b);
        public static implicit operator string(Shelf<T> shelf) => shelf.Name;

        protected abstract void Drop(T item);

        void IStore<T>.Clear() { _items.Clear(); }

        private sealed class Slot { public int At; }
    }

    public interface IStore<in T>
    {
        void Clear();
        int Count { get; }
    }

    public enum State : byte
    {
        Waiting,
        Here = 4,
    }

    public readonly struct Weight { public int Grams { get; init; } }

    /// <summary>A parcel that does not change.</summary>
    public record Parcel(string Id, int Weight) : IParcel;

    public record struct Place(int X, int Y);

    public static class ParcelExtensions
    {
        public static bool IsHeavy(this Parcel parcel) => parcel.Weight > 20;
    }

    [TestFixture]
    public class ShelfTests
    {
        [SetUp]
        public void SetUp() { shelf = new ListShelf(); }

        [Test]
        public void KeepsWhatIsPut()
        {
            Assert.That(shelf.Count, Is.EqualTo(1));
        }

        [Fact(Skip = "slow"), Trait("a", "b")]
        public void TakesMany() { }

        [Xunit.Theory]
        [InlineData(1)]
        public void Counts(int n) { }
    }
}
