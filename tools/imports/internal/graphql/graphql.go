package graphql
