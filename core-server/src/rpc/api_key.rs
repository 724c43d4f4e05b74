//! `warung.identity.v1.ApiKeyService`.

use std::collections::BTreeSet;

use tonic::{Request, Response, Status};
use warung_app::{
    Result,
    identity::{ApiKey, ListApiKeys, NewApiKey, create_api_key, revoke_api_key},
};
use warung_proto::{
    descriptor,
    identity::{
        self as pb, CreateApiKeyRequest, CreateApiKeyResponse, ListApiKeysRequest, ListApiKeysResponse,
        RevokeApiKeyRequest, RevokeApiKeyResponse, api_key_service_server::ApiKeyService,
    },
};

use super::{Rpc, answer, convert::timestamp, enter};

#[tonic::async_trait]
impl ApiKeyService for Rpc {
    async fn create_api_key(
        &self,
        request: Request<CreateApiKeyRequest>,
    ) -> Result<Response<CreateApiKeyResponse>, Status> {
        answer(async {
            let (ctx, CreateApiKeyRequest { request_id: _, name, scopes }) = enter(request)?;
            let new = NewApiKey { name, scopes, known: scopes_of_the_api() };
            let (made, secret) = create_api_key(&self.engine, &ctx, new).await?;
            Ok(CreateApiKeyResponse { api_key: Some(api_key(made)), secret: secret.expose().to_owned() })
        })
        .await
    }

    async fn list_api_keys(
        &self,
        request: Request<ListApiKeysRequest>,
    ) -> Result<Response<ListApiKeysResponse>, Status> {
        answer(async {
            let (ctx, ListApiKeysRequest {}) = enter(request)?;
            let found = self.engine.ask(&ctx, ListApiKeys).await?;
            Ok(ListApiKeysResponse { api_keys: found.into_iter().map(api_key).collect() })
        })
        .await
    }

    async fn revoke_api_key(
        &self,
        request: Request<RevokeApiKeyRequest>,
    ) -> Result<Response<RevokeApiKeyResponse>, Status> {
        answer(async {
            let (ctx, RevokeApiKeyRequest { request_id: _, api_key_id }) = enter(request)?;
            let revoked = revoke_api_key(&self.engine, &ctx, &api_key_id).await?;
            Ok(RevokeApiKeyResponse { api_key: Some(api_key(revoked)) })
        })
        .await
    }
}

/// The scopes that the RPCs declare, in the order of the alphabet.
fn scopes_of_the_api() -> Vec<String> {
    let declared = descriptor::methods().filter_map(|method| descriptor::access(&method));
    let scopes: BTreeSet<String> = declared.flat_map(|access| access.scopes).collect();
    scopes.into_iter().collect()
}

fn api_key(key: ApiKey) -> pb::ApiKey {
    let ApiKey { id, name, scopes, create_time, last_use_time, revoke_time } = key;
    pb::ApiKey {
        api_key_id: id.to_string(),
        name,
        scopes,
        create_time: Some(timestamp(create_time)),
        last_use_time: last_use_time.map(timestamp),
        revoke_time: revoke_time.map(timestamp),
    }
}
