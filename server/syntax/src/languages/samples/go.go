// Copyright 2024 The Depot Authors. All rights reserved.

// Package depot keeps parcels and says where they are.
//
// It is safe for concurrent use.
package depot

import (
	"errors"
	"fmt"
	str "strings"
)

// MaxParcels is how many parcels one shelf takes.
const MaxParcels = 64

// Exit codes.
const (
	// CodeOK means that all went well.
	CodeOK = iota
	CodeFull
)

var (
	// ErrFull is returned when a shelf has no room.
	ErrFull = errors.New("depot: shelf is full")

	registry = map[string]Store{}
)

var _ Store = (*Shelf[string])(nil)

// Store keeps parcels.
type Store interface {
	fmt.Stringer
	// Put adds a parcel.
	Put(p *Parcel) error
}

// Weight is in grams.
type Weight int64

type ID = string

type (
	// Parcel is one box.
	Parcel struct {
		ID     ID
		Weight Weight // never negative
	}

	handler func(*Parcel) error
)

// Shelf holds the parcels of one kind.
type Shelf[K comparable] struct {
	items map[K]*Parcel
}

// New makes a shelf.
func New[K comparable](name string, opts ...Option) (*Shelf[K], error) {
	if str.TrimSpace(name) == "" {
		return nil, fmt.Errorf("depot: %w", ErrEmpty)
	}
	s := &Shelf[K]{items: make(map[K]*Parcel)}
	for _, opt := range opts {
		opt(s)
	}
	return s, nil
}

// Put implements Store.
func (s *Shelf[K]) Put(p *Parcel) error {
	if len(s.items) >= MaxParcels {
		return ErrFull
	}
	s.each(func(other *Parcel) {
		notify(other, p)
	})
	return nil
}

func (Weight) String() string { return "g" }

func init() { register("shelf", build) }

func TestShelfPut(t *testing.T) {
	t.Run("full", func(t *testing.T) { require.NoError(t, fill()) })
}

func BenchmarkPut(b *testing.B) {}

func ExampleNew() {}

func TestDouble(n int) int { return n }
