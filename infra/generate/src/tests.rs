//! What the generator refuses.

use std::path::Path;

use campus_aws::{ACCOUNTS, KEYS};
use campus_endpoint::{Measure, Tuning};
use serde_json::{Value, json};

use crate::limits::{INTEGRATIONS_MAX, check, check_resources};
use crate::model::{Event, Stack, function, parameters, pattern, settings};
use crate::{flat, stack, yaml};

/// A stack of endpoints with these names and routes.
fn stack_of(domain: &'static str, routes: &[(&'static str, &str)]) -> Stack {
    let functions = routes.iter().map(|(name, route)| {
        let (method, path) = route.split_once(' ').expect("a route has a method");
        let pattern = format!("{method}{}", pattern(path).expect("the path is right"));
        let source = Event::Route { key: (*route).to_owned(), pattern };
        function(domain, name, Tuning::STANDARD, &[ACCOUNTS.get(), KEYS.get(), ACCOUNTS.put()], source)
    });
    Stack { domain, parameters: parameters(), settings: settings(), functions: functions.collect() }
}

fn refusal(stacks: &[Stack]) -> String {
    check(stacks).expect_err("it is refused").to_string()
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[test]
fn routes_that_can_be_told_apart_are_taken() {
    let routes = [
        ("list_sessions", "GET /v1/sessions"),
        ("end_session", "DELETE /v1/sessions/{id}"),
        ("sign_out", "DELETE /v1/sessions/current"),
        ("get_day", "GET /v1/users/{id}/days/{date}"),
    ];
    check(&[stack_of("accounts", &routes)]).expect("nothing is wrong");
}

#[test]
fn a_route_that_two_endpoints_have_is_refused() {
    let twice = [stack_of("a", &[("one", "GET /v1/x/{id}")]), stack_of("b", &[("two", "GET /v1/x/{id}")])];
    assert_eq!(refusal(&twice), "a.one and b.two have the same route");
}

#[test]
fn routes_that_differ_in_a_variables_name_only_are_refused() {
    let ambiguous = [stack_of("a", &[("one", "GET /v1/x/{id}"), ("two", "GET /v1/x/{name}")])];
    assert_eq!(refusal(&ambiguous), "a.one and a.two have the same route");
}

#[test]
fn a_variable_has_one_name_in_all_paths() {
    let renamed = [stack_of("a", &[("one", "GET /v1/x/{id}"), ("two", "GET /v1/x/{x_id}/y")])];
    assert_eq!(refusal(&renamed), "a.two: /v1/x/{x_id}/y calls {x_id} what another route calls {id}");
}

#[test]
fn a_name_that_two_functions_have_is_refused() {
    let twice = [stack_of("a", &[("one", "GET /v1/x")]), stack_of("b", &[("one", "GET /v1/y")])];
    assert_eq!(refusal(&twice), "a.one and b.one have the same name");
}

#[test]
fn a_path_that_ends_in_a_slash_is_refused() {
    assert!(refusal(&[stack_of("a", &[("one", "GET /v1/x/")])]).contains("ends in a slash"));
}

#[test]
fn a_variable_that_does_not_fill_its_segment_is_refused() {
    for path in ["/v1/{token}.ics", "/v1/x-{id}", "/v1/{a}{b}", "/v1/{}", "/v1/{id", "/v1/{a b}", "/v1/{id+}"] {
        assert!(pattern(path).is_err(), "{path}");
    }
    assert_eq!(pattern("/v1/x/{user_id}/y").expect("it is right"), "/v1/x/*/y");
}

/// So many endpoints.
fn many(count: usize) -> Stack {
    let names: Vec<_> = (0..count).map(|number| leaked(format!("get_{number}"))).collect();
    let routes: Vec<_> = names.iter().map(|name| (*name, leaked(format!("GET /v1/{name}")) as &str)).collect();
    stack_of("accounts", &routes)
}

#[test]
fn more_integrations_than_an_api_takes_are_refused() {
    check(&[many(INTEGRATIONS_MAX)]).expect("they fit");
    assert!(refusal(&[many(INTEGRATIONS_MAX + 1)]).contains("291 integrations"));
}

#[test]
fn a_stack_with_too_many_resources_is_refused() {
    let resources = |count| {
        let template = stack::render(&many(count)).expect("it can be rendered");
        check_resources("accounts", &yaml::read(&template).expect("it is YAML"))
    };
    resources(74).expect("six resources each, and the dashboard");
    let refusal = resources(75).expect_err("it is too many").to_string();
    assert_eq!(refusal, "the stack accounts has 451 resources, more than 450");
}

#[test]
fn the_alarms_of_the_root_watch_what_the_code_measures() {
    let template = include_str!("../../../template.yaml");
    let alarms = |measure: Measure| template.matches(&format!("MetricName: {}\n", measure.name())).count();
    assert_eq!(alarms(Measure::SmsHourUsed), 1, "half of the budget");
    assert_eq!(alarms(Measure::SmsDayUsed), 2, "half of the budget, and all of it");
    assert_eq!(alarms(Measure::CaptchaFallbacks), 1, "a guard is lower than usual");
}

#[test]
fn the_actions_on_one_resource_are_one_statement() {
    let stack = many(1);
    let grants: Vec<_> =
        stack.functions[0].grants.iter().map(|grant| (grant.resource.as_str(), grant.actions.as_str())).collect();
    assert_eq!(
        grants,
        [("AccountsTableArn", "dynamodb:GetItem, dynamodb:PutItem"), ("KeysTableArn", "dynamodb:GetItem")]
    );
}

/// A root that hands these parameters to one nested stack, flattened.
fn flattened(handed: &Value, nested: &str) -> anyhow::Result<Value> {
    let root = json!({
        "Resources": {
            "Api": { "Type": "AWS::ApiGatewayV2::Api" },
            "Nested": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": { "TemplateURL": "nested.yaml", "Parameters": handed },
            },
        },
    });
    flat::flatten(root, |_| yaml::read(nested), Path::new("/stacks"))
}

const NESTED: &str = "
Parameters: { Api: { Type: String }, Table: { Type: String } }
Globals: { Function: { CodeUri: a.zip, Timeout: 3, Environment: { Variables: { A: !Ref Table } } } }
Resources:
  Probe:
    Type: AWS::Serverless::Function
    Properties: { Timeout: 9, Role: !Sub '${Table}/${Api}/${AWS::Region}' }
";

#[test]
fn a_nested_parameter_becomes_what_the_root_hands_down() {
    let handed = json!({ "Api": { "Ref": "Api" }, "Table": { "Fn::GetAtt": ["AccountsTable", "Arn"] } });
    let flat = flattened(&handed, NESTED).expect("all is wired");
    let expected = json!({
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "CodeUri": "/stacks/a.zip",
            "Timeout": 9,
            "Environment": { "Variables": { "A": { "Fn::GetAtt": ["AccountsTable", "Arn"] } } },
            "Role": { "Fn::Sub": "${AccountsTable.Arn}/${Api}/${AWS::Region}" },
        },
    });
    assert_eq!(flat["Resources"]["Probe"], expected);
    assert!(flat["Resources"].get("Nested").is_none());
}

#[test]
fn a_parameter_that_is_not_handed_down_or_not_known_is_refused() {
    for handed in [
        json!({ "Api": { "Ref": "Api" } }),
        json!({ "Api": { "Ref": "Api" }, "Table": { "Ref": "T" }, "Other": { "Ref": "O" } }),
    ] {
        assert!(flattened(&handed, NESTED).is_err(), "{handed}");
    }
}

#[test]
fn a_resource_of_one_name_in_two_templates_is_refused() {
    let nested = "Resources: { Api: { Type: AWS::SQS::Queue } }";
    assert!(flattened(&json!({}), nested).is_err());
}
