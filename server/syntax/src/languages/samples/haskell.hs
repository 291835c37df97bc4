{-# LANGUAGE GADTs #-}
{-|
   Module      : Data.Store
   Description : A store.
   Copyright   : (C) Somebody
                 and others
   License     : Any

Keeps things.
-}
module Data.Store
  ( get
  , Cache (..)
  ) where

import qualified Data.Map as M
import Data.List (sort)

-- | Remembers what was read.
--
-- Not safe for threads.
data Cache k v = Cache
  { size :: Int -- ^ how many there are
  , items :: M.Map k v
  } deriving (Show, Eq)

data Suit = Hearts | Spades Int
newtype Wrap a = Wrap { unwrap :: a }
type Key = String

-- | What has an area.
class Show a => Shape a where
  type Unit a
  -- | How large it is.
  area :: a -> Double
  area _ = unit 0
  perimeter :: a -> Double

instance Shape (Cache k v) where
  area c = measure c
instance Shape Suit where
  area Hearts = 1
  area (Spades n) = fromIntegral n

-- | Gets one.
get :: Ord k
    => k -- ^ what to look for
    -> Cache k v
    -> Maybe v
{-# INLINE get #-}
get k Empty = Nothing
-- The other case.
get k (Cache _ m)
  | k == k = M.lookup k m
  | otherwise = go k
  where
    go x = case x of
      1 -> one
      2 -> two
      3 -> three
      _ -> other

limit :: Int
limit = 10

{- | In a block. -}
(<+>) :: Int -> Int -> Int
a <+> b = a + b
x `op` y = x
plain x = sort . reverse $ x

foreign import ccall "sin" c_sin :: Double -> Double
main :: IO ()
main = do
  let y = Wrap 1
  print y

spec :: Spec
spec = describe "get" $ do
  it "finds one" $ get 1 store `shouldBe` Just 1
  it "finds none" (property holds)

tests :: TestTree
tests = testGroup "store" [ testCase "empty" $ size empty @?= 0 ]
