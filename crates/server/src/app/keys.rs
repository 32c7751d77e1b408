//! Making API keys.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use domain::id::{KeyId, OrganizationId};
use engine::store::{KeyRecord, Scope, Store};

use crate::http::auth::{hash, kind_of, new_text};

/// The shortest key that may be brought along, in bytes.
const OWN_KEY_BYTES_MIN: usize = 24;

/// A key whose text is known, because it was made just now.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What is stored of it.
    pub record: KeyRecord,
    /// The text; shown once.
    pub text: String,
}

/// Makes a key.
///
/// # Errors
/// The store cannot be written.
pub async fn create(
    store: &Arc<dyn Store>,
    organization: OrganizationId,
    is_secret: bool,
    livemode: bool,
    name: &str,
) -> anyhow::Result<NewKey> {
    adopt(store, organization, new_text(is_secret, livemode), name).await
}

/// Makes a secret key that may do only what its scope says.
///
/// # Errors
/// The store cannot be written.
pub async fn create_scoped(
    store: &Arc<dyn Store>,
    organization: OrganizationId,
    livemode: bool,
    scope: Scope,
    name: &str,
) -> anyhow::Result<NewKey> {
    keep(store, organization, new_text(true, livemode), scope, name).await
}

/// Stores a key whose text somebody brings along, once [`first_pair`] has found nothing wrong with it.
///
/// # Errors
/// A text that is no key, or the store cannot be written.
pub async fn adopt(
    store: &Arc<dyn Store>,
    organization: OrganizationId,
    text: String,
    name: &str,
) -> anyhow::Result<NewKey> {
    keep(store, organization, text, Scope::Integration, name).await
}

async fn keep(
    store: &Arc<dyn Store>,
    organization: OrganizationId,
    text: String,
    scope: Scope,
    name: &str,
) -> anyhow::Result<NewKey> {
    let Some((is_secret, livemode)) = kind_of(&text) else {
        bail!("a key begins with sk_live_, pk_live_, sk_test_ or pk_test_");
    };
    let record = KeyRecord {
        id: KeyId(rand::random()),
        organization,
        livemode,
        is_secret,
        scope,
        hash: hash(&text),
        name: name.to_owned(),
        created_at: store.now().await.context("the store's clock cannot be read")?,
        revoked_at: None,
    };
    store.create_key(record.clone()).await.context("the key cannot be stored")?;
    Ok(NewKey { record, text })
}

/// The first pair of keys, secret and publishable, as the environment or the command line gives them.
///
/// # Errors
/// Half a pair, or a pair of two modes, or of the wrong kinds.
pub fn first_pair(
    secret: Option<String>,
    publishable: Option<String>,
) -> Result<Option<(String, String)>, String> {
    let (secret, publishable) = match (secret, publishable) {
        (None, None) => return Ok(None),
        (Some(secret), Some(publishable)) => (secret, publishable),
        _ => return Err("set both FLASHTIX_SECRET_KEY and FLASHTIX_PUBLISHABLE_KEY, or neither".to_owned()),
    };
    let is_long = |key: &str| {
        key.len() >= OWN_KEY_BYTES_MIN && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if !is_long(&secret) || !is_long(&publishable) {
        let reason = format!("at least {OWN_KEY_BYTES_MIN} letters, digits and underscores");
        return Err(format!("FLASHTIX_SECRET_KEY and FLASHTIX_PUBLISHABLE_KEY must have {reason}"));
    }
    match (kind_of(&secret), kind_of(&publishable)) {
        (Some((true, a)), Some((false, b))) if a == b => Ok(Some((secret, publishable))),
        _ => Err(
            "FLASHTIX_SECRET_KEY must be an sk_ key and FLASHTIX_PUBLISHABLE_KEY a pk_ key of the same mode"
                .to_owned(),
        ),
    }
}

/// Stores the first pair of keys.
///
/// # Errors
/// The store cannot be written.
pub async fn bootstrap(
    store: &Arc<dyn Store>,
    (secret, publishable): (String, String),
) -> anyhow::Result<()> {
    let organization = store.default_organization().await?;
    adopt(store, organization, secret, "bootstrap").await.context("FLASHTIX_SECRET_KEY")?;
    adopt(store, organization, publishable, "bootstrap").await.context("FLASHTIX_PUBLISHABLE_KEY")?;
    Ok(())
}
