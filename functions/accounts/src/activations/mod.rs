//! Activations of accounts that were made with a mail address: the link in the mail, followed.

pub mod create_activation;
