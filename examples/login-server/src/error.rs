//! Every answer that is not a success, as JSON.

use axum::{
    Json,
    extract::rejection::FormRejection,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jwt_codec_axum::Refusal;
use serde_json::json;

use crate::{session::IssueError, store::StoreUnavailable};

/// Why a request failed.
pub enum ApiError {
    /// Of the token.
    Refused(Refusal),
    /// Address and headers are too long.
    LongHead,
    /// The body is no form, or cannot be read.
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
        Self::Refused(Refusal::Unavailable)
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
                let error = match &refusal {
                    Refusal::Missing => "Unauthorized",
                    Refusal::Malformed => "Malformed Authorization header",
                    Refusal::Invalid(error) if error.is_expired() => "Token has expired",
                    Refusal::Invalid(_) | Refusal::Revoked => "Invalid token",
                    Refusal::Unavailable => "Service Unavailable",
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
            // Too long, cut off, or no form in spite of its name.
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
