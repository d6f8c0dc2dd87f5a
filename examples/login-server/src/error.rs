//! Every answer that is not a success, as JSON.

use axum::{
    Json,
    extract::rejection::FormRejection,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jwt_codec_axum::{Reason, Refusal};
use serde_json::json;

use crate::{session::IssueError, store::StoreUnavailable};

/// Why a request failed.
pub enum ApiError {
    /// The token is missing, or was rejected, or cannot be checked.
    Refused(Refusal),
    /// Address and headers are too long.
    LongHead,
    /// The body is not a form, or cannot be read.
    Form(FormRejection),
    /// What is wrong with a field.
    Field(String),
    /// No token could be issued.
    Issue(IssueError),
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreUnavailable> for ApiError {
    fn from(_: StoreUnavailable) -> Self {
        // Its answer has no challenge, and so no realm.
        Self::Refused(Reason::Unavailable.into())
    }
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        Self::Issue(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => {
                let error = match refusal.reason() {
                    Reason::Missing => "Unauthorized",
                    Reason::Malformed => "Malformed Authorization header",
                    Reason::Invalid(error) if error.is_expired() => "Token has expired",
                    Reason::Invalid(_) | Reason::Revoked => "Invalid token",
                    Reason::Unavailable => "Service Unavailable",
                    _ => "Forbidden",
                };
                refusal.with_body(body(error))
            }
            Self::LongHead => {
                let error = "The headers are too long";
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, body(error)).into_response()
            }
            Self::Form(FormRejection::InvalidFormContentType(_)) => {
                let error = "Send a form (Content-Type: application/x-www-form-urlencoded), \
                             not JSON or anything else";
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, body(error)).into_response()
            }
            // The body is too long, or ends early, or is not a form in spite of its type.
            Self::Form(rejection) => {
                (rejection.status(), body(&rejection.body_text())).into_response()
            }
            Self::Field(error) => (StatusCode::UNPROCESSABLE_ENTITY, body(&error)).into_response(),
            Self::Issue(error) => {
                tracing::error!("cannot issue a token: {error}");
                (StatusCode::INTERNAL_SERVER_ERROR, body("Internal Server Error")).into_response()
            }
        }
    }
}

fn body(error: &str) -> Json<serde_json::Value> {
    Json(json!({ "error": error }))
}
