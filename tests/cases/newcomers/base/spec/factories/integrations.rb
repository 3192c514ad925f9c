# frozen_string_literal: true

FactoryBot.define do
  factory :integration do
    project
    type { 'Integration' }
  end

  factory :abacus_integration, class: 'Integrations::Abacus' do
    project
    active { true }
    url { 'https://abacus.example.com' }
    token { 'sums' }
  end
end
