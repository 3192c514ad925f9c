//! Stories about the simulation itself, told over real HTTP.

mod api;
mod checks;
mod faults;
mod files;
mod furniture;
mod groups;
mod merge_requests;
mod receiver;
mod texts;
mod transcript;
mod webhooks;

use std::error::Error;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::forgesim::{Project, Sim, SimSettings, User, access};

/// What every story returns.
type Story = Result<(), Box<dyn Error>>;

/// A simulation with a bot that maintains `example/product`.
struct Stage {
    sim: Sim,
    bot: User,
    product: Project,
    client: reqwest::Client,
}

impl Stage {
    async fn new() -> Result<Self, Box<dyn Error>> {
        Self::with(SimSettings::default()).await
    }

    async fn with(settings: SimSettings) -> Result<Self, Box<dyn Error>> {
        // Only one provider can be the default; another test may have been first.
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let sim = Sim::start(settings).await?;
        let bot = sim.add_user("steward-bot", "Steward");
        let product = sim.add_project("example/product");
        sim.add_member(&product, &bot, access::MAINTAINER);
        Ok(Self { sim, bot, product, client: reqwest::Client::builder().no_proxy().build()? })
    }

    /// A request of the bot to a path below `/api/v4`.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}/api/v4{path}", self.sim.url()))
            .header("PRIVATE-TOKEN", &self.bot.token)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    fn put(&self, path: &str) -> RequestBuilder {
        self.request(Method::PUT, path)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    async fn read(&self, path: &str) -> Result<Value, Box<dyn Error>> {
        Ok(self.get(path).send().await?.error_for_status()?.json().await?)
    }
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Form bodies, which reqwest only offers with a feature that the product needs nowhere.
trait Form {
    fn form(self, pairs: &[(&str, &str)]) -> Self;
}

impl Form for RequestBuilder {
    fn form(self, pairs: &[(&str, &str)]) -> Self {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.header("Content-Type", "application/x-www-form-urlencoded").body(body)
    }
}
