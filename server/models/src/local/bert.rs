//! The network: embeddings, layers of attention and feed-forward, as BERT has them.
//!
//! What is made of its output is `local`'s part.
//!
//! Source: Devlin, Chang, Lee, Toutanova 2018, "BERT"; names of weights as in `transformers`.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{
    Embedding, LayerNorm, Linear, Module, VarBuilder, embedding, linear, ops::softmax,
};
use serde::Deserialize;

use super::tokens::Encoded;

/// Added where no token is: far below every real weight.
const NOT_HERE: f64 = -1e9;

/// `config.json`.
#[derive(Deserialize)]
pub(super) struct Shape {
    #[serde(default)]
    model_type: String,
    #[serde(default)]
    architectures: Vec<String>,
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    #[serde(default = "two")]
    type_vocab_size: usize,
    #[serde(default = "usual_eps")]
    layer_norm_eps: f64,
    #[serde(default)]
    hidden_act: Activation,
    #[serde(default)]
    position_embedding_type: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Activation {
    #[default]
    Gelu,
    GeluNew,
    Relu,
}

fn two() -> usize {
    2
}

fn usual_eps() -> f64 {
    1e-12
}

impl Shape {
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        if self.model_type != "bert" {
            return Err(format!("has `model_type` `{}`; known is `bert`", self.model_type));
        }
        if self.position_embedding_type.as_deref().is_some_and(|kind| kind != "absolute") {
            return Err("has positions that are not absolute, which are not known".to_owned());
        }
        let sizes = [
            self.vocab_size,
            self.hidden_size,
            self.num_hidden_layers,
            self.num_attention_heads,
            self.intermediate_size,
            self.max_position_embeddings,
            self.type_vocab_size,
        ];
        let is_sane = sizes.iter().all(|size| (1..=1 << 22).contains(size))
            && self.hidden_size.is_multiple_of(self.num_attention_heads)
            && self.num_hidden_layers <= 96
            && self.hidden_size <= 8192;
        is_sane.then_some(()).ok_or_else(|| "has sizes that no such model has".to_owned())
    }

    pub(super) fn is_classifier(&self) -> bool {
        self.architectures.iter().any(|name| name.ends_with("ForSequenceClassification"))
    }

    pub(super) fn width(&self) -> usize {
        self.hidden_size
    }

    pub(super) fn max_tokens(&self) -> usize {
        self.max_position_embeddings
    }
}

/// See the module.
pub(super) struct Bert {
    words: Embedding,
    positions: Embedding,
    types: Embedding,
    norm: LayerNorm,
    layers: Vec<Layer>,
    width: usize,
}

impl Bert {
    /// Weights lie at the top, or under `bert` where a head stands beside.
    pub(super) fn load(shape: &Shape, weights: VarBuilder<'_>) -> Result<Bert> {
        let name = "embeddings.word_embeddings.weight";
        let weights = if weights.contains_tensor(name) { weights } else { weights.pp("bert") };
        let width = shape.hidden_size;
        let inputs = weights.pp("embeddings");
        let layers = weights.pp("encoder.layer");
        Ok(Bert {
            words: embedding(shape.vocab_size, width, inputs.pp("word_embeddings"))?,
            positions: embedding(
                shape.max_position_embeddings,
                width,
                inputs.pp("position_embeddings"),
            )?,
            types: embedding(shape.type_vocab_size, width, inputs.pp("token_type_embeddings"))?,
            norm: norm(shape, inputs.pp("LayerNorm"))?,
            layers: (0..shape.num_hidden_layers)
                .map(|number| Layer::load(shape, layers.pp(number)))
                .collect::<Result<_>>()?,
            width,
        })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The vector of each token (texts, tokens, width), and 1 where a token is, 0 where there is none (texts, tokens).
    pub(super) fn forward(&self, texts: &[&Encoded]) -> Result<(Tensor, Tensor)> {
        let longest = texts.iter().map(|text| text.ids.len()).max().unwrap_or_default();
        let shape = (texts.len(), longest);
        let padded = |numbers: fn(&Encoded) -> &Vec<u32>| {
            let all: Vec<u32> = texts
                .iter()
                .flat_map(|text| {
                    let numbers = numbers(text).iter().copied();
                    numbers.chain(std::iter::repeat(0)).take(longest)
                })
                .collect();
            Tensor::from_vec(all, shape, &Device::Cpu)
        };
        let is_here: Vec<f32> = texts
            .iter()
            .flat_map(|text| (0..longest).map(|at| if at < text.ids.len() { 1.0 } else { 0.0 }))
            .collect();
        let mask = Tensor::from_vec(is_here, shape, &Device::Cpu)?;
        let words = self.words.forward(&padded(|text| &text.ids)?)?;
        let types = self.types.forward(&padded(|text| &text.types)?)?;
        let places = u32::try_from(longest).map_err(candle_core::Error::wrap)?;
        let positions = self.positions.forward(&Tensor::arange(0, places, &Device::Cpu)?)?;
        let mut hidden =
            self.norm.forward(&(words + types)?.broadcast_add(&positions.unsqueeze(0)?)?)?;
        let bias = ((1.0 - &mask)? * NOT_HERE)?.to_dtype(DType::F32)?.unsqueeze(1)?.unsqueeze(1)?;
        for layer in &self.layers {
            hidden = layer.forward(&hidden, &bias)?;
        }
        Ok((hidden, mask))
    }
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    heads: usize,
    attended: Linear,
    attended_norm: LayerNorm,
    inner: Linear,
    activation: Activation,
    outer: Linear,
    outer_norm: LayerNorm,
}

impl Layer {
    fn load(shape: &Shape, weights: VarBuilder<'_>) -> Result<Layer> {
        let (width, inner) = (shape.hidden_size, shape.intermediate_size);
        let attention = weights.pp("attention");
        let square = |name: &str| linear(width, width, attention.pp(name));
        Ok(Layer {
            query: square("self.query")?,
            key: square("self.key")?,
            value: square("self.value")?,
            heads: shape.num_attention_heads,
            attended: square("output.dense")?,
            attended_norm: norm(shape, attention.pp("output.LayerNorm"))?,
            inner: linear(width, inner, weights.pp("intermediate.dense"))?,
            activation: shape.hidden_act,
            outer: linear(inner, width, weights.pp("output.dense"))?,
            outer_norm: norm(shape, weights.pp("output.LayerNorm"))?,
        })
    }

    /// `bias`: (texts, 1, 1, tokens), added to each token's attention to the others.
    fn forward(&self, hidden: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let (texts, tokens, width) = hidden.dims3()?;
        let by_head = |part: &Linear| {
            let part = part.forward(hidden)?;
            part.reshape((texts, tokens, self.heads, width / self.heads))?
                .transpose(1, 2)?
                .contiguous()
        };
        let (query, key, value) =
            (by_head(&self.query)?, by_head(&self.key)?, by_head(&self.value)?);
        let scale = 1.0 / ((width / self.heads) as f64).sqrt();
        let scores = (query.matmul(&key.transpose(2, 3)?.contiguous()?)? * scale)?;
        let weights = softmax(&scores.broadcast_add(bias)?, D::Minus1)?;
        let seen = weights.matmul(&value)?.transpose(1, 2)?.contiguous()?;
        let seen = self.attended.forward(&seen.reshape((texts, tokens, width))?)?;
        let hidden = self.attended_norm.forward(&(seen + hidden)?)?;
        let inner = self.inner.forward(&hidden)?;
        let inner = match self.activation {
            Activation::Gelu => inner.gelu_erf()?,
            Activation::GeluNew => inner.gelu()?,
            Activation::Relu => inner.relu()?,
        };
        self.outer_norm.forward(&(self.outer.forward(&inner)? + hidden)?)
    }
}

/// Old files call the weights `gamma` and `beta`.
fn norm(shape: &Shape, weights: VarBuilder<'_>) -> Result<LayerNorm> {
    let is_old = weights.contains_tensor("gamma");
    let (scale, shift) = if is_old { ("gamma", "beta") } else { ("weight", "bias") };
    let width = shape.hidden_size;
    let (scale, shift) = (weights.get(width, scale)?, weights.get(width, shift)?);
    Ok(LayerNorm::new(scale, shift, shape.layer_norm_eps))
}
